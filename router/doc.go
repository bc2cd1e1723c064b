// Package router finds the script that answers a request.
//
// Four kinds of entry lead from a host to a script, tried in this order:
//
//  1. routes, patterns such as "*.example.com/api/*"; the most specific one that
//     matches wins, and a route without a script hides the less specific ones;
//  2. custom domains, whole hosts that belong to one script and act as the origin
//     behind the routes of the same host;
//  3. default hosts, the NAME.<domain> that every script may have;
//  4. preview hosts, PREFIX-NAME.<domain>, one per version or alias.
//
// Patterns and their precedence are those of Cloudflare Workers:
// https://developers.cloudflare.com/workers/configuration/routing/routes/
//
// A [Table] is immutable. A [Router] holds the current one and replaces it in one
// step, so that a request sees all of a change or nothing of it.
package router
