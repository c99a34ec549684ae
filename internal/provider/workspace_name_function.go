package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
)

var _ function.Function = (*workspaceNameFunction)(nil)

// NewWorkspaceNameFunction returns the function workspace_name.
func NewWorkspaceNameFunction() function.Function { return &workspaceNameFunction{} }

type workspaceNameFunction struct{}

func (f *workspaceNameFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "workspace_name"
}

func (f *workspaceNameFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Makes a valid workspace name of any text",
		MarkdownDescription: "Makes a workspace name of a text such as the name of a team: letters become lower case, accents are folded, " +
			"each run of other characters becomes one dash, and what is longer than 63 characters is cut. " +
			"The same text always gives the same name, and a valid lower-case name stays as it is. A text of which nothing is left is an error. " +
			"Different texts can give the same name.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "text", MarkdownDescription: "The text to make a name of."},
		},
		Return: function.StringReturn{},
	}
}

func (f *workspaceNameFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string

	resp.Error = req.Arguments.Get(ctx, &text)
	if resp.Error != nil {
		return
	}

	name := strings.ToLower(correctName(text))
	if name == "" {
		// The CLI ends the sentence.
		resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf(
			"Nothing of %q can be part of a workspace name: it has no letter that can be written in ASCII, and no digit", text))

		return
	}

	resp.Error = resp.Result.Set(ctx, name)
}
