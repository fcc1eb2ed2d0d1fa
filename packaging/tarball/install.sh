#!/bin/sh
# usage: install.sh [--prefix DIR]
#        install.sh --uninstall [--prefix DIR] [--unmount]
# Installs gitopper for systemd, into /usr/local unless --prefix says otherwise; as root. Of a running daemon it restarts
# the new version; otherwise it starts and enables nothing. --uninstall stops the daemon, leaves each service the files that
# gitopper mounts for it (with --unmount: what lies below the mounts), and removes what was installed.
# /etc/gitopper, /etc/default/gitopper and /var/lib/gitopper stay.
set -eu

here=$(dirname "$(readlink -f "$0")")
unit=/etc/systemd/system/gitopper.service
prefix="" action=install release=--release

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --prefix) [ $# -ge 2 ] || fail "--prefix needs a directory"; prefix=$2; shift ;;
    --prefix=*) prefix=${1#*=} ;;
    --uninstall) action=uninstall ;;
    --unmount) release=--release=unmount ;;
    *) sed -n '2,7s/^# //p' "$0" >&2; exit 1 ;;
  esac
  shift
done
# The copy that --uninstall is called on lies in <prefix>/lib/gitopper.
[ -n "$prefix" ] || case $here in */lib/gitopper) prefix=${here%/lib/gitopper} ;; *) prefix=/usr/local ;; esac
case $prefix in /*) ;; *) fail "--prefix $prefix: not an absolute path" ;; esac
case $prefix in *[!A-Za-z0-9/._-]*) fail "--prefix $prefix: only letters, digits and ./_- can be in it" ;; esac
home=$prefix/lib/gitopper
files=$home/installed-files

running() {
  [ -d /run/systemd/system ]
}

# Replaces a file by a rename: programs that run keep theirs.
put() {
  mkdir -p "$(dirname "$2")"
  rm -f "$2.new"
  cp -P "$1" "$2.new"
  mv -f "$2.new" "$2"
  echo "$2" >>"$files.new"
}

# git of another version, or a C library that node cannot use, is found before anything is changed.
require() {
  command -v git >/dev/null || fail "git is missing; install git 2.36 or newer"
  command -v systemctl >/dev/null || fail "systemctl is missing; gitopper needs systemd"
  "$here/usr/lib/gitopper/node" --version >/dev/null || fail "node cannot run here: see the line above"
}

install_files() {
  [ -d "$here/usr/lib/gitopper" ] || fail "$here has no files to install; run it in the unpacked tarball"
  require
  mkdir -p "$home" /etc/gitopper /etc/default
  : >"$files.new"
  (cd "$here/usr" && find . ! -type d | sed 's,^\./,,') | while read -r file; do
    case $file in
      share/zsh/vendor-completions/*) put "$here/usr/$file" "$prefix/share/zsh/site-functions/${file##*/}" ;;
      *) put "$here/usr/$file" "$prefix/$file" ;;
    esac
  done
  put "$here/install.sh" "$home/install.sh"
  sed "s,^\(Exec[A-Za-z]*=\)gitopper ,\1$prefix/bin/gitopper ," "$here/lib/systemd/system/gitopper.service" >"$home/unit"
  put "$home/unit" "$unit"
  rm -f "$home/unit"
  [ -e /etc/default/gitopper ] || cp "$here/etc/default/gitopper" /etc/default/gitopper
  remove_old
  mv "$files.new" "$files"
  ! running || { systemctl daemon-reload; systemctl try-restart gitopper.service; }
  echo "gitopper $("$prefix/bin/gitopper" --version) is installed in $prefix. Write /etc/gitopper/config.toml"
  echo "($prefix/share/doc/gitopper/examples/config.toml has every key), and then: systemctl enable --now gitopper"
}

# What only the version before had.
remove_old() {
  [ ! -e "$files" ] || grep -vxFf "$files.new" "$files" | while read -r file; do rm -f "$file"; done
}

# The state directory that /etc/default/gitopper sets, as an option.
state_dir_option() {
  sed -n "s/^GITOPPER_OPTIONS=.*--state-dir[= ]\([^ \"']*\).*/--state-dir=\1/p" /etc/default/gitopper 2>/dev/null | tail -n 1
}

uninstall_files() {
  [ -e "$files" ] || fail "$prefix has no gitopper of install.sh; say where it is with --prefix"
  was_active=no
  ! running || ! systemctl --quiet is-active gitopper.service || was_active=yes
  [ "$was_active" = no ] || systemctl stop gitopper.service
  # shellcheck disable=SC2046 # None or one.
  "$home/bin/gitopper" "$release" $(state_dir_option) || {
    [ "$was_active" = no ] || systemctl start gitopper.service
    fail "gitopper is not removed: it could not release the services; see the lines above"
  }
  ! running || systemctl disable --quiet gitopper.service
  while read -r file; do rm -f "$file"; done <"$files"
  rm -f "$files"
  find "$home" "$prefix/share/gitopper" "$prefix/share/doc/gitopper" -depth -type d -empty -delete
  ! running || systemctl daemon-reload
  echo "gitopper is removed. Its config is left in /etc/gitopper and /etc/default/gitopper, its history in /var/lib/gitopper."
}

[ "$(id -u)" -eq 0 ] || fail "you are not root; run this as root"
"${action}_files"
