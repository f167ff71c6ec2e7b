print('coordinator')
