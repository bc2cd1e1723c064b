//go:build !unix

package attack

import "os"

func limitAddressSpace(uint64) {}

func peak(*os.ProcessState) int64 { return 0 }
