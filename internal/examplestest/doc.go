// Package examplestest tests the examples that people copy: it holds tests only. They run the module, the configuration
// and the drift report with the CLI that make finds, on an emulated instance.
package examplestest
