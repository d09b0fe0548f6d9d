#!/bin/sh
# For a double click on macOS, which opens files of this name in Terminal.
sh "$(dirname "$0")/install.sh"
printf '按回车键关闭。Press Enter to close. '
read -r _
