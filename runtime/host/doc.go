// Package host is where isolates run: in this process, or in child processes that hold
// isolates and nothing else.
//
// Host is the interface that both have. InProcess is the pool of this process: least
// cost, for code that is trusted, because the engine shares heap and stack with
// everything in its process. Process runs the pool in children of the same binary,
// which call Main. The server keeps everything else, so that a script can take down at
// most the child it runs in:
//
//   - link, stream, socket and the wire files are the protocol: frames over a Unix
//     socket pair, many events at once, byte streams with credit;
//   - slab is memory that both ends map, through which the larger pieces of streams go;
//   - marks are counts in memory that all children map, by which the store tells them
//     that the KV entries that they have kept, in entries, have changed;
//   - guest is the child: it runs the pool, and remote is what its workers reach;
//   - child is the server's end of one child, answer what it does for its workers;
//   - process keeps the set of children, and one spare, and decides who runs where;
//   - page is a little shared memory by which the server knows, even of a child that is
//     dead or stuck, which events it had begun;
//   - monitor finds turns that do not end, watch what the server must do about it, blame
//     remembers which scripts took children down;
//   - sandbox is what the kernel withholds from a child.
//
// Locks: Process.mu, child.mu, link.mu and the mutexes of streams, slabs and entries are never
// held together, but for child.mu over link.mu, and none is held while a worker's code,
// an outside.Outside or Event.Finished is called.
package host
