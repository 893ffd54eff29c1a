# SPDX-License-Identifier: GPL-2.0-only
"""The series as source: from patch folders to a patched kernel tree."""
