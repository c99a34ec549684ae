// Command terraform-provider-wallaroo is the Terraform provider for Wallaroo.
package main

import (
	"flag"
	"log"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/plugin"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
)

// version is set by the linker.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger such as delve")

	flag.Parse()

	if err := plugin.Serve(provider.New(version), *debug); err != nil {
		log.Fatal(err)
	}
}
