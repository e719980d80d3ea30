package upgrade

// RegisterState is what a look at a register finds that neither makes nor changes one.
type RegisterState struct {
	Exists     bool
	Schema     int // its number; 0 where it does not exist
	Newest     int // the number that this release knows
	Sealed     int // sealed records that were tried
	Unreadable int // of these, how many the present keys do not open
}
