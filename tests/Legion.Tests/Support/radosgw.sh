#!/usr/bin/env bash
# An S3 server of one's own on the loopback: a Ceph of one monitor and one storage daemon on a file, with its S3 gateway.
#   radosgw.sh DIR GATEWAY_PORT MONITOR_PORT OLD_MONITOR_PORT
# Says "ready" on stdout when it serves, keys TESTKEY and TESTSECRET; or on stderr why it cannot.
# Ends when stdin does, so that it never outlives the tests, and takes DIR with it.
# Until then each line of stdin is a command for the gateway, kill, start, freeze or thaw, and is answered "ready" when it is done.
# Installs the Debian packages when they are missing, which root alone may do.
set -euo pipefail
dir=${1:?directory} port=${2:?gateway port} monitor=${3:?monitor port} old_monitor=${4:?old monitor port}
fsid=6f3c1b1e-52a5-4f6e-9f33-0d5f3d8f1a01
mkdir -p "$dir"/{mon,osd,log,run,rgw}
dir=$(cd "$dir" && pwd)

# What it stores goes with the tests, so the daemons need no time to say goodbye.
pids=()
stop() {
  [[ ${#pids[@]} == 0 ]] || { kill -KILL "${pids[@]}" && wait "${pids[@]}"; } 2>/dev/null || true
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 1' TERM INT
trap 'echo "line $LINENO of radosgw.sh failed: $BASH_COMMAND" >&2' ERR

for program in radosgw radosgw-admin ceph ceph-mon ceph-osd monmaptool; do
  command -v "$program" >/dev/null && continue
  [[ $EUID == 0 ]] && command -v apt-get >/dev/null || { echo "there is no $program, and only root on Debian could install it" >&2; exit 1; }
  # Somebody else may be installing packages at the same time, and apt-get does not wait for the lists' lock.
  for ((tries = 0; ; tries++)); do
    apt-get update -qq >"$dir/log/install.out" 2>&1 </dev/null && break
    ((tries < 30)) && grep -q lock "$dir/log/install.out" || { echo "cannot read the lists of packages: $(tail -n 1 "$dir/log/install.out")" >&2; exit 1; }
    sleep 2
  done
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends radosgw ceph-mon ceph-osd >"$dir/log/install.out" 2>&1 </dev/null ||
    { echo "cannot install radosgw, ceph-mon and ceph-osd: $(tail -n 1 "$dir/log/install.out")" >&2; exit 1; }
  break
done

cat >"$dir/ceph.conf" <<CONF
[global]
fsid = $fsid
mon_host = [v2:127.0.0.1:$monitor,v1:127.0.0.1:$old_monitor]
public_network = 127.0.0.0/8
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
# Without this line the gateway never comes up where authentication is off.
ms_mon_client_mode = crc
ms_bind_ipv4 = true
ms_bind_ipv6 = false
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_data_avail_crit = 1
mon_data_avail_warn = 2
run_dir = $dir/run
log_file = $dir/log/\$name.log
admin_socket = $dir/run/\$name.asok
pid_file = $dir/run/\$name.pid
mon_data = $dir/mon
osd_data = $dir/osd
keyring = /dev/null
bluestore_block_size = 8589934592
osd_memory_target = 1073741824
rgw_data = $dir/rgw
rgw_frontends = beast endpoint=127.0.0.1:$port
rgw_enable_usage_log = false
rgw_thread_pool_size = 64
CONF
conf=(-c "$dir/ceph.conf")

daemon() {
  local name=$1
  shift
  "$@" -f >"$dir/log/$name.out" 2>&1 </dev/null &
  pids+=($!)
}

monmaptool --create --clobber --fsid $fsid --addv a "[v2:127.0.0.1:$monitor,v1:127.0.0.1:$old_monitor]" "$dir/monmap" >"$dir/log/monmap.out" 2>&1
ceph-mon "${conf[@]}" --mkfs -i a --monmap "$dir/monmap" >"$dir/log/mon-mkfs.out" 2>&1
daemon mon ceph-mon "${conf[@]}" -i a
uuid=$(cat /proc/sys/kernel/random/uuid)
timeout 60 ceph "${conf[@]}" osd new "$uuid" 0 >"$dir/log/osd-new.out" 2>&1
ceph-osd "${conf[@]}" -i 0 --mkfs --osd-uuid "$uuid" >"$dir/log/osd-mkfs.out" 2>&1
timeout 60 ceph "${conf[@]}" osd crush add osd.0 1.0 host=localhost root=default >"$dir/log/crush.out" 2>&1
daemon osd ceph-osd "${conf[@]}" -i 0

gateway() {
  daemon rgw radosgw "${conf[@]}" -n client.rgw.a
  for ((tries = 0; ; tries++)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    for pid in "${pids[@]}"; do kill -0 "$pid" 2>/dev/null || { echo "a daemon of Ceph ended: $(tail -qn 1 "$dir"/log/{mon,osd,rgw}.out | tr '\n' ' ')" >&2; exit 1; }; done
    ((tries < 900)) || { echo "the gateway did not listen within 90 s" >&2; exit 1; }
    sleep 0.1
  done
}
gateway
timeout 60 radosgw-admin "${conf[@]}" user create --uid=test --display-name=test --access-key=TESTKEY --secret=TESTSECRET >"$dir/log/user.out" 2>&1
echo ready
while read -r command; do
  case $command in
    kill)
      { kill -KILL "${pids[-1]}" && wait "${pids[-1]}"; } 2>/dev/null || true
      unset 'pids[-1]'
      ;;
    start) gateway ;;
    freeze) kill -STOP "${pids[-1]}" ;;
    thaw) kill -CONT "${pids[-1]}" ;;
  esac
  echo ready
done
