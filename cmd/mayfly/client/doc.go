// Package client speaks to the control plane: the part of Cloudflare's REST API that
// Mayfly's own commands use, and Mayfly's additions to it.
package client
