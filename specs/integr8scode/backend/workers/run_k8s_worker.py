print('k8s_worker')
