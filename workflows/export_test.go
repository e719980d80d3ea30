package workflows

// LetOthersRun is for the test of it.
var LetOthersRun = letOthersRun
