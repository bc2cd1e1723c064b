package host

import (
	"bytes"
	"os"
	"strconv"
)

// residentMemory returns how many bytes of memory a process holds, or 0 if it is gone.
func residentMemory(pid int) int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(string(fields[1]), 10, 64) // 0 if the kernel says nothing
	return pages * int64(os.Getpagesize())
}
