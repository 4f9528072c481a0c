/* SPDX-License-Identifier: AGPL-3.0-or-later
 * stops.c - preloaded into the program (LD_PRELOAD), has it stand still (SIGSTOP) when it has
 * written a line with the text of LEAPOCR_TEST_STOP_AT to its standard output: whoever kills it
 * then kills it there, however busy the machine is. For programs that write out each line (fflush).
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((visibility("default"))) int
fflush(FILE *file)
{
    typedef int (*flush_call)(FILE * file);
    flush_call real = (flush_call)(uintptr_t)dlsym(RTLD_NEXT, "fflush");
    const char *text = getenv("LEAPOCR_TEST_STOP_AT");
    bool found = file == stdout && text != NULL &&
                 memmem(file->_IO_write_base, (size_t)(file->_IO_write_ptr - file->_IO_write_base),
                        text, strlen(text)) != NULL;
    int rc = real(file);

    if (found)
        (void)raise(SIGSTOP);
    return rc;
}
