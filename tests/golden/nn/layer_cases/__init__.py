# SPDX-License-Identifier: BSD-3-Clause
"""The cases that make_layers.py writes, by theme."""
