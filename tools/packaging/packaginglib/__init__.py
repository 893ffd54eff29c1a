# SPDX-License-Identifier: GPL-2.0-only
"""What the packages of the series are made from."""
