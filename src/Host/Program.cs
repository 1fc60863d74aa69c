Console.WriteLine("akkarl");
