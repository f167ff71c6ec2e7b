print('pod_monitor')
