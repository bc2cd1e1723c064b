// Package process runs servers as processes of their own, as the measuring and attacking
// tools need them: starts them, waits until they answer, reads what they and their
// children use of the machine, and ends them gently or as a power failure does.
package process
