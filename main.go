// Command terraform-provider-wallaroo is the Terraform provider for Wallaroo.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
)

// version is set by the linker.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger such as delve")
	flag.Parse()

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/wallaroo-community/wallaroo",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
