//go:build !unix

package host

import "time"

// processCPU returns 0: there are no children on these systems.
func processCPU() time.Duration { return 0 }
