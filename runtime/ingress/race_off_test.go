//go:build !race

package ingress

const raceDetector = false
