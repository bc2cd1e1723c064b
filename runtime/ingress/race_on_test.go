//go:build race

package ingress

// raceDetector makes sync.Pool forget things on purpose, which spoils counting.
const raceDetector = true
