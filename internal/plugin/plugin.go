// Package plugin serves the provider as a plugin process of a CLI. It is
// providerserver.Serve of the plugin framework without what costs each of a
// thousand calls time or memory and helps nobody.
package plugin

import (
	"os"
	"runtime"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// address is the provider's source address in the registry.
const address = "registry.terraform.io/wallaroo-community/wallaroo"

// Serve answers the CLI's calls until the CLI ends the process. With debugging it
// waits for a CLI to attach, and prints the variable that makes it do so.
func Serve(newProvider func() provider.Provider, debugging bool) error {
	ballast := newBallast(os.Getenv)
	defer runtime.KeepAlive(ballast)

	if debugging {
		return tf6server.Serve(address, newServer(newProvider), tf6server.WithManagedDebug())
	}

	if err := limitLogs(os.Getenv, os.Setenv); err != nil {
		return err
	}

	return tf6server.Serve(address, newServer(newProvider))
}
