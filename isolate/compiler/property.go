package compiler

// ExpandUnicodeProperties is replaced below.
func ExpandUnicodeProperties(pattern, flags string) (string, error) { return pattern, nil }
