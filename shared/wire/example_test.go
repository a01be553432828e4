package wire_test

import (
	"fmt"

	"github.com/crumb-go/crumb/shared/wire"
)

func ExampleToUTF8() {
	fmt.Println(wire.ToUTF8("name=Ren\xe9"))
	// Output: name=René
}
