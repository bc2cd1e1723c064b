//go:build !unix

package hostile

import "os"

func limitAddressSpace(uint64) {}

func peak(*os.ProcessState) int64 { return 0 }
