#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Functions of a shared library that is loaded when the first of them is called.

usage: make_lazy.py CC LIST OUTPUT       LIST: NAME.txt, a function a line, for lib NAME

Writes assembly for x86-64: each function jumps through a slot. At first the slots lead to lazy_load() (src/cmd/lazy.c), which fills them,
all of one library at once, and makes them read-only, as the linker does with those of libraries that it loads at the start.
"""
import re
import subprocess
import sys
from pathlib import Path

HEAD = """/* made by tools/make_lazy.py */
    .section .note.GNU-stack, "", @progbits
    .section .rodata
1:  .asciz "{soname}"
2:
{names}
    .section .data.lazy, "aw", @progbits
    .balign 4096
3:
{slots}
    .balign 4096
4:  .quad 1b, 2b, 3b, {count}
    .balign 4096
    .text
5:  pushq %rdi
    pushq %rsi
    pushq %rdx
    pushq %rcx
    pushq %r8
    pushq %r9
    pushq %rax
    subq $136, %rsp
{saved}
    leaq 4b(%rip), %rdi
    call lazy_load
{restored}
    addq $136, %rsp
    popq %rax
    popq %r9
    popq %r8
    popq %rcx
    popq %rdx
    popq %rsi
    popq %rdi
    popq %r11
    leaq 3b(%rip), %r10
    jmp *(%r10,%r11,8)
"""

FUNCTION = """    .globl {name}
    .hidden {name}
    .type {name}, @function
    .balign 16
{name}:
    endbr64
    jmp *3b+{offset}(%rip)
    .size {name}, . - {name}
.Lfirst{i}:
    endbr64
    pushq ${i}
    jmp 5b
"""


def soname(cc, name):
    path = subprocess.check_output([*cc.split(), f"-print-file-name=lib{name}.so"], text=True).strip()
    told = subprocess.check_output(["readelf", "-d", path], text=True)
    return re.search(r"SONAME.*\[(.*)\]", told).group(1)


def main():
    cc, names, output = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    functions = names.read_text().split()
    moves = [f"    movups %xmm{i}, {16 * i}(%rsp)" for i in range(8)], [f"    movups {16 * i}(%rsp), %xmm{i}" for i in range(8)]
    text = HEAD.format(soname=soname(cc, names.stem), count=len(functions),
                       names="\n".join(f'    .asciz "{f}"' for f in functions),
                       slots="\n".join(f"    .quad .Lfirst{i}" for i in range(len(functions))),
                       saved="\n".join(moves[0]), restored="\n".join(moves[1]))
    output.write_text(text + "".join(FUNCTION.format(name=f, i=i, offset=8 * i) for i, f in enumerate(functions)))


main()
