// Command bench measures the whole product on this machine, against a simulated Microsoft, and writes docs/performance.md:
//
//	go -C dev run ./bench              every measure; prints a table and writes the page
//	go -C dev run ./bench -only 3,4    these alone; the page keeps the others
//	go -C dev run ./bench -o json      the same figures for a program
//
// A figure stands beside a baseline that was taken in the same run, on the same machine, since seconds of one machine mean
// nothing on another. Nothing here is a test: a goal that is missed is told with its reason, and fails nothing.
//
//	measure.go   what a measure is, and its figures
//	measures.go  all of them, in order
//	site.go      the embedded Temporal server and the simulated Microsoft that a measure runs on
//	process.go   a worker, in this process or in one of its own
//	role, worker what a worker is told, and the program of one of its own
//	machine.go   the machine
//	write.go     table, JSON and page
//
// Every measure has a file of its own, named by its subject. It opens a site of its own, so that none sees what another has
// left behind.
package main
