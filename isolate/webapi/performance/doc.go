// Package performance is High Resolution Time's Performance interface with the
// Performance Timeline (https://w3c.github.io/performance-timeline/) and User Timing
// (https://w3c.github.io/user-timing/) standards, and the small objects of the global
// scope that tell a script where it runs: navigator, self and origin.
package performance
