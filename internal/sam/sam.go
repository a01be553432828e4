// Package sam reads an AWS SAM template: the functions, the APIs in front of
// them, and the routes between the two.
//
// It reads what sam and CloudFormation would read, as far as that can be known
// on a machine without a deployed stack: Globals, parameters, conditions and
// the intrinsic functions are resolved, and what only a stack has, such as the
// ARN of a table, gets a readable stand-in and a Finding. Templates are not
// trusted: size, depth and the work they cause are bounded.
package sam
