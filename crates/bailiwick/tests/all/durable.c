/* Remembers what of a directory is durable, so that a test can throw the rest away as a power failure would.
 *
 * Preloaded into the process under test. DURABLE_ROOT is watched, DURABLE_SHADOW is written:
 *   inodes/N   what file N held when it was last synced
 *   names/N.M  "relative path" of a durable name: given by syncing the file itself or its directory
 * What existed before the process is durable. A name without synced content comes back as an empty file. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[PATH_MAX], shadow[PATH_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int (*real_fsync)(int), (*real_fdatasync)(int);

static void escape(char *out, const char *relative) {
    for (; *relative; relative++) *out++ = *relative == '/' ? '\x01' : *relative;
    *out = 0;
}

static void keep_content(const char *path, ino_t inode) {
    char to[PATH_MAX + 64], unfinished[PATH_MAX + 64], buffer[65536];
    snprintf(to, sizeof to, "%s/inodes/%lu", shadow, (unsigned long)inode);
    snprintf(unfinished, sizeof unfinished, "%s.new", to);
    int in = open(path, O_RDONLY), out = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t got;
    if (in >= 0 && out >= 0)
        while ((got = read(in, buffer, sizeof buffer)) > 0)
            if (write(out, buffer, got) != got) abort();
    if (in >= 0) close(in);
    if (out >= 0) close(out);
    rename(unfinished, to);
}

static void keep_name(const char *path, ino_t inode) {
    char escaped[PATH_MAX], to[2 * PATH_MAX + 64], unfinished[2 * PATH_MAX + 64];
    escape(escaped, path + strlen(root) + 1);
    snprintf(to, sizeof to, "%s/names/%s", shadow, escaped);
    snprintf(unfinished, sizeof unfinished, "%s/new", shadow);
    FILE *file = fopen(unfinished, "w");
    if (!file) abort();
    fprintf(file, "%lu", (unsigned long)inode);
    fclose(file);
    rename(unfinished, to);
}

static int regular(const char *path, struct stat *info) { return stat(path, info) == 0 && S_ISREG(info->st_mode); }

static void keep_directory(const char *path) {
    char prefix[PATH_MAX] = "", names[PATH_MAX + 64], full[2 * PATH_MAX];
    struct stat info;
    struct dirent *entry;
    if (strlen(path) > strlen(root)) {
        escape(prefix, path + strlen(root) + 1);
        strcat(prefix, "\x01");
    }
    snprintf(names, sizeof names, "%s/names", shadow);
    DIR *dir = opendir(names);
    while (dir && (entry = readdir(dir))) {
        const char *rest = entry->d_name + strlen(prefix);
        if (entry->d_name[0] == '.' || strncmp(entry->d_name, prefix, strlen(prefix)) || strchr(rest, '\x01')) continue;
        snprintf(full, sizeof full, "%s/%s", path, rest);
        if (stat(full, &info) != 0) {
            snprintf(full, sizeof full, "%s/%s", names, entry->d_name);
            unlink(full);
        }
    }
    if (dir) closedir(dir);
    dir = opendir(path);
    while (dir && (entry = readdir(dir))) {
        snprintf(full, sizeof full, "%s/%s", path, entry->d_name);
        if (regular(full, &info)) keep_name(full, info.st_ino);
    }
    if (dir) closedir(dir);
}

static void synced(int fd) {
    char link[64], path[PATH_MAX];
    struct stat info;
    if (!root[0]) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return;
    path[length] = 0;
    if (strncmp(path, root, strlen(root)) || fstat(fd, &info)) return;
    pthread_mutex_lock(&lock);
    if (S_ISDIR(info.st_mode)) keep_directory(path);
    else if (S_ISREG(info.st_mode) && regular(path, &info)) {
        keep_content(path, info.st_ino);
        keep_name(path, info.st_ino);
    }
    pthread_mutex_unlock(&lock);
}

static int existing(const char *path, const struct stat *info, int kind) {
    if (kind == FTW_F && S_ISREG(info->st_mode)) {
        keep_content(path, info->st_ino);
        keep_name(path, info->st_ino);
    }
    return 0;
}

__attribute__((constructor)) static void start(void) {
    const char *watched = getenv("DURABLE_ROOT"), *to = getenv("DURABLE_SHADOW");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    if (!watched || !to || !realpath(watched, root)) return;
    snprintf(shadow, sizeof shadow, "%s", to);
    ftw(root, existing, 16);
}

int fsync(int fd) {
    int result = real_fsync(fd);
    if (!result) synced(fd);
    return result;
}

int fdatasync(int fd) {
    int result = real_fdatasync(fd);
    if (!result) synced(fd);
    return result;
}
