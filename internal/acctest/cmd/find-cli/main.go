// Command find-cli prints the path of the Terraform or OpenTofu that tests use.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
)

func main() {
	pinned := flag.Bool("pinned", false, "print the pinned OpenTofu, whatever is on the PATH")

	flag.Parse()

	find := acctest.FindCLI
	if *pinned {
		find = func() (acctest.CLI, error) { return acctest.Pinned(context.Background()) }
	}

	cli, err := find()
	if err != nil {
		fmt.Fprintln(os.Stderr, "find-cli:", err)
		os.Exit(1)
	}

	fmt.Println(cli.Path)
}
