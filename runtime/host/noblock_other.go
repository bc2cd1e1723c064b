//go:build !unix

package host

func tryRead(uintptr, []byte) (int, error) { return 0, errNoProcesses }

func tryWrite(uintptr, []byte) (int, error) { return 0, errNoProcesses }
