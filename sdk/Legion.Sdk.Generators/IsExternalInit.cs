namespace System.Runtime.CompilerServices;

/// <summary>What the compiler asks for where records are, and .NET Standard does not have.</summary>
static class IsExternalInit;
