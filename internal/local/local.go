// Package local puts a project together from its template and its sources.
package local
