/* Lets an older user-mode Linux run on a processor with more registers than it knows, as those with AMX have.
 *
 * It writes the first 2 KB of a process's extended registers, and the host's kernel takes all of them or none.
 * Loaded with LD_PRELOAD, this writes the others as they are.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

static char all[1 << 16];

long ptrace(enum __ptrace_request request, ...)
{
    static long (*real)(enum __ptrace_request, ...);
    va_list arguments;
    va_start(arguments, request);
    pid_t process = va_arg(arguments, pid_t);
    void *kind = va_arg(arguments, void *);
    void *data = va_arg(arguments, void *);
    va_end(arguments);
    if (!real)
        real = dlsym(RTLD_NEXT, "ptrace");
    if (request == PTRACE_SETREGSET && (long)kind == NT_X86_XSTATE) {
        struct iovec *given = data, whole = {all, sizeof all};
        if (real(PTRACE_GETREGSET, process, kind, &whole) == 0 && given->iov_len < whole.iov_len) {
            memcpy(all, given->iov_base, given->iov_len);
            return real(request, process, kind, &whole);
        }
    }
    return real(request, process, kind, data);
}
