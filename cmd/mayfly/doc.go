// Mayfly runs JavaScript and TypeScript workers on your own machines.
//
//	mayfly dev [PATH]        run a worker here and reload it when it is saved
//	mayfly serve             run the server that workers are deployed to
//	mayfly deploy [PATH]     deploy a worker
//	mayfly kv, secret        manage data and secrets of workers
//	mayfly usage, token      see what was used; manage API tokens
//
// Each subcommand is one file here. Project files are read by package project, the
// control plane is spoken to by package client.
package main
