// Package procgroup starts processes in process groups, so that a process and
// its children can be killed together.
package procgroup
