// Command soak keeps a server of the real binary busy with good and bad workers while
// they are deployed anew all the time, and shows whether anything grows: resident
// memory, goroutines, threads, file descriptors, processes and isolates of the server
// and its hosts are sampled, and the slope of each, per hour, is printed. It fails when
// a slope is above its bound or when a good worker has failed.
//
//	go run ./conformance/soak -duration 30m
//	go run ./conformance/soak -crash 500
//
// What leaks raises the floor, and what is only busy does not: so each fortieth of the
// time counts by its lowest sample, and the slope is the median of the slopes between
// all pairs of these (Theil and Sen). The first fifth of the time is left out, because
// caches fill then. The bounds only hold for runs of ten minutes and more.
//
// With -crash it kills the server with SIGKILL again and again instead, while it
// writes, and checks after each restart that everything that was acknowledged is there
// and that nothing is there by half.
package main
