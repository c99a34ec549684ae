// Package bench measures what the provider costs: a real CLI on an emulated Wallaroo instance, beside two floors in the
// same configuration. "make bench" runs its benchmarks and makes tables and a picture of the results; PERFORMANCE.md
// says what they mean. The folder idle has a provider that does nothing.
package bench
