/* A disk that is full while a file exists: preloaded into the process under test. Writes to files under FULL_ROOT fail with ENOSPC as long
 * as FULL_WHEN exists; half of a large write is taken first, as a real disk may do. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int full(int fd) {
    const char *root = getenv("FULL_ROOT"), *when = getenv("FULL_WHEN");
    char link[64], path[PATH_MAX];
    if (!root || !when || access(when, F_OK)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strncmp(path, root, strlen(root)) == 0;
}

#define REAL(name, result, ...) \
    static result (*real)(__VA_ARGS__); \
    if (!real) real = dlsym(RTLD_NEXT, name)

ssize_t write(int fd, const void *data, size_t count) {
    REAL("write", ssize_t, int, const void *, size_t);
    if (full(fd)) {
        if (count > 4096) return real(fd, data, count / 2);
        errno = ENOSPC;
        return -1;
    }
    return real(fd, data, count);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL("writev", ssize_t, int, const struct iovec *, int);
    if (full(fd)) {
        errno = ENOSPC;
        return -1;
    }
    return real(fd, parts, count);
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t at) {
    REAL("pwrite64", ssize_t, int, const void *, size_t, off64_t);
    if (full(fd)) {
        errno = ENOSPC;
        return -1;
    }
    return real(fd, data, count, at);
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t at) {
    REAL("pwrite", ssize_t, int, const void *, size_t, off_t);
    if (full(fd)) {
        errno = ENOSPC;
        return -1;
    }
    return real(fd, data, count, at);
}
