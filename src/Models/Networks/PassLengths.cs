namespace AkkaRL.Models.Networks;

/// <summary>Checks that what a network is given fits it.</summary>
internal static class PassLengths
{
    /// <summary>How many rows of <paramref name="rowLength"/> floats these are; they must fit a memory of <paramref name="capacity"/> rows from <paramref name="firstRow"/> on.</summary>
    public static int Rows(int length, int rowLength, int firstRow, int capacity)
    {
        var rows = length / rowLength;
        if (rows * rowLength != length || rows == 0)
            throw new ArgumentException($"{length} floats are not a whole number of rows of {rowLength}.");
        if (firstRow < 0 || firstRow > capacity - rows)
            throw new ArgumentException($"Rows {firstRow} to {firstRow + rows - 1} do not fit the capacity of {capacity} rows.");
        return rows;
    }

    /// <summary>Refuses parameters, or gradients of them, of another number than the network has.</summary>
    public static void RequireParameters(int length, int count, string name)
    {
        if (length != count)
            throw new ArgumentException($"This network has {count} parameters, not {length}.", name);
    }

    /// <summary>Refuses gradients of inputs that are not those of the rows.</summary>
    public static void RequireInputs(int length, int rows, int inputs)
    {
        if (length != rows * inputs)
            throw new ArgumentException($"{rows} rows need {rows * inputs} input gradients, not {length}.");
    }
}
