// Command schemajson prints the provider's schemas in the form of "terraform
// providers schema -json".
//
// It asks the provider in-process, so that the output also has what older
// CLIs leave out (identities, list resources) and needs no CLI at all.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
)

// key is what the documentation generator looks for: it knows a full address
// only in the namespace hashicorp.
const key = "wallaroo"

func main() {
	server := providerserver.NewProtocol6(provider.New("")())()

	if err := run(context.Background(), os.Stdout, key, server); err != nil {
		fmt.Fprintln(os.Stderr, "schemajson:", err)
		os.Exit(1)
	}
}
