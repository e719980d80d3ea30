package planning

// Estimate is the cost of a finished plan, for the tests.
var Estimate = estimate
