/* Preloaded, makes every sync of a process take SLOW_SYNC_MS milliseconds longer. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

typedef int (*sync_call)(int);

static void be_slow(void)
{
    const char *text = getenv("SLOW_SYNC_MS");
    double milliseconds = text ? atof(text) : 0.0;
    struct timespec rest;

    rest.tv_sec = (time_t)(milliseconds / 1000.0);
    rest.tv_nsec = (long)((milliseconds - (double)rest.tv_sec * 1000.0) * 1000000.0);
    nanosleep(&rest, NULL);
}

int fsync(int descriptor)
{
    sync_call real = (sync_call)dlsym(RTLD_NEXT, "fsync");

    be_slow();
    return real(descriptor);
}

int fdatasync(int descriptor)
{
    sync_call real = (sync_call)dlsym(RTLD_NEXT, "fdatasync");

    be_slow();
    return real(descriptor);
}
