// Package examplestest tests the examples that people copy: it holds tests only. They run the module, the configuration,
// the drift report and the README with a real CLI on an emulated instance. The examples of the documentation are tested
// beside the provider.
package examplestest
