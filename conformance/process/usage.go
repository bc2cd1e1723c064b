package process

import "time"

// A Usage is what a process and all that descend from it use of the machine.
type Usage struct {
	CPU       time.Duration // since they started, of ended children too if they were waited for
	RSS       int64         // resident memory in bytes; what is shared counts for each
	Processes int
	Threads   int
	Files     int // open descriptors

	// Of the process itself:

	RootMemory  int64 // resident memory in bytes, without that of files
	RootThreads int
}
