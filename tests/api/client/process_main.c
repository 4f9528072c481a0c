/* SPDX-License-Identifier: AGPL-3.0-or-later
 * The command `leapocr process` as a program of its own, to be driven without a server of ours. */
#include "process.h"

int
main(int argc, char **argv)
{
    return leapocr_process_main(argc, argv);
}
