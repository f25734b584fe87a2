// The program's malloc is jemalloc's (docs/adr/0015-jemalloc-in-the-program.md); here it is set.
// MALLOC_CONF in the environment has the last word: MALLOC_CONF=stats_print:true.

// Read by jemalloc at its first allocation, before main, under this name: jemalloc(3), "Tuning".
// What was freed goes back to the system after ten seconds also while the server is idle, by a
// thread of jemalloc's own.
extern "C" [[gnu::visibility("default")]] const char* const malloc_conf;
const char* const malloc_conf = "background_thread:true";
