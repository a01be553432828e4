// Package procgroup starts processes in process groups, so that a process and
// what it started end together.
package procgroup
