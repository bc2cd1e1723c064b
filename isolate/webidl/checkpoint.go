package webidl

// Checkpoint lets an exceeded limit end the turn in the middle of long native work,
// which the engine cannot interrupt by itself. It costs well under a microsecond.
func (js *Realm) Checkpoint() {
	if _, err := js.VM.RunProgram(nothingProgram()); err != nil {
		panic(err)
	}
}
