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
	all := flag.Bool("all", false, "print the others at hand, too, each on a line")

	flag.Parse()

	clis, err := find(context.Background(), *pinned, *all)
	if err != nil {
		fmt.Fprintln(os.Stderr, "find-cli:", err)
		os.Exit(1)
	}

	for _, cli := range clis {
		fmt.Println(cli.Path)
	}
}

func find(ctx context.Context, pinned, all bool) ([]acctest.CLI, error) {
	if all {
		return acctest.FindAllCLIs(ctx)
	}

	if pinned {
		cli, err := acctest.Pinned(ctx)
		return []acctest.CLI{cli}, err
	}

	cli, err := acctest.FindCLI()

	return []acctest.CLI{cli}, err
}
